//! The ports: everything that reaches beyond the process. Tests, the simulation and the demo replace the
//! network here, and nowhere else.

pub mod clock;
pub mod http;
pub mod queue;
pub mod secrets;
pub mod store;
