//! The formats of cells: the light colours of the palette, which are also what is printed.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatPattern};

use crate::rules::Mark;

const HEAD: u32 = 0xF6_F8FA;
const GREY: u32 = 0x56_5E66;
const LINE: u32 = 0xB9_C0C8;

/// A date with the time of the day.
pub(super) const DATE: &str = "yyyy-mm-dd hh:mm";

pub(super) fn title() -> Format {
    Format::new().set_bold().set_font_size(14)
}

pub(super) fn grey() -> Format {
    Format::new().set_font_color(Color::RGB(GREY))
}

pub(super) fn heading() -> Format {
    let format = Format::new().set_bold().set_background_color(Color::RGB(HEAD)).set_text_wrap();
    format
        .set_align(FormatAlign::VerticalCenter)
        .set_border_bottom(FormatBorder::Thin)
        .set_border_bottom_color(Color::RGB(LINE))
}

pub(super) fn text() -> Format {
    // `@`: what is typed over it stays text, too.
    Format::new().set_num_format("@")
}

pub(super) fn date() -> Format {
    Format::new().set_num_format(DATE).set_align(FormatAlign::Left)
}

pub(super) fn share() -> Format {
    Format::new().set_num_format("0%")
}

pub(super) fn whole() -> Format {
    // A little room to the right: text may stand in the next column.
    Format::new().set_num_format("0").set_align(FormatAlign::Right).set_indent(1)
}

pub(super) fn letter() -> Format {
    text().set_bold().set_align(FormatAlign::Center)
}

/// The last row of the register.
pub(super) fn sums() -> Format {
    Format::new()
        .set_bold()
        .set_background_color(Color::RGB(HEAD))
        .set_border_top(FormatBorder::Medium)
        .set_border_top_color(Color::RGB(LINE))
}

/// The colours of a mark; what is not known is hatched.
pub(super) fn mark(mark: Mark) -> Format {
    let (tint, ink) = match mark.class() {
        "present" => (0xDD_F1E7, 0x0B_5239),
        "late" => (0xFF_EFC7, 0x6B_4300),
        "early" => (0xEC_E4F8, 0x4E_2C85),
        "partial" => (0xDC_EBFA, 0x0A_4679),
        "absent" => (0xFB_E0DA, 0x8C_1D13),
        "excused" => (0xDD_F0F2, 0x17_484E),
        _ => {
            let hatched =
                Format::new().set_pattern(FormatPattern::LightUp).set_foreground_color(Color::RGB(0xC3_C9D0));
            return hatched.set_background_color(Color::RGB(0xEE_F0F2)).set_font_color(Color::RGB(0x4B_5259));
        }
    };
    Format::new().set_background_color(Color::RGB(tint)).set_font_color(Color::RGB(ink))
}
