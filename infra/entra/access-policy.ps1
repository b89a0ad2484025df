<#
.SYNOPSIS
Lets Rollcall's application read the meetings and reports of organizers: a Teams application access policy.

.DESCRIPTION
Permissions say what an application may read; this policy says whose. Without it Graph answers 403, "No application access
policy found for this app". It can be run again at any time. A change takes up to 30 minutes.

.EXAMPLE
./access-policy.ps1 -ClientId 6f2d3c1e-...                       # for everybody in the tenant
.EXAMPLE
./access-policy.ps1 -ClientId 6f2d3c1e-... -Organizer ilse, bram # for these only
#>
param(
    [Parameter(Mandatory)] [guid] $ClientId,
    [string] $Policy = "Rollcall",
    [string[]] $Organizer
)
$ErrorActionPreference = "Stop"

if (-not (Get-Module -ListAvailable MicrosoftTeams)) { Install-Module MicrosoftTeams -Scope CurrentUser -Force }
Import-Module MicrosoftTeams
# Signed in as a Teams administrator.
Connect-MicrosoftTeams | Out-Null

$there = Get-CsApplicationAccessPolicy -Identity $Policy -ErrorAction SilentlyContinue
if ($null -eq $there) {
    New-CsApplicationAccessPolicy -Identity $Policy -AppIds "$ClientId" -Description "Rollcall keeps attendance reports" | Out-Null
    Write-Output "made the policy $Policy"
} elseif ($there.AppIds -notcontains "$ClientId") {
    Set-CsApplicationAccessPolicy -Identity $Policy -AppIds @{ Add = "$ClientId" }
    Write-Output "added the application to the policy $Policy"
}
if ($Organizer) {
    foreach ($user in $Organizer) { Grant-CsApplicationAccessPolicy -PolicyName $Policy -Identity $user }
    Write-Output "granted to $($Organizer.Count) organizers"
} else {
    Grant-CsApplicationAccessPolicy -PolicyName $Policy -Global
    Write-Output "granted to everybody"
}
Write-Output "It takes up to 30 minutes until Graph knows."
