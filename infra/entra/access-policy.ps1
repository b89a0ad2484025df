<#
.SYNOPSIS
Lets Rollcall's application read the meetings and reports of organizers: a Teams application access policy.

.DESCRIPTION
Permissions say what an application may read; this policy says whose. Without it Graph answers 403, "No application access
policy found for this app". It can be run again at any time. A change takes up to 30 minutes.

Teams knows one such policy for each user. One that is granted to the user directly goes before one of a group, and of
several groups the one with the lowest rank goes first; the tenant's is for whoever has none. Who has another policy already
keeps it: add the application to that one with Set-CsApplicationAccessPolicy.

.EXAMPLE
./access-policy.ps1 -ClientId 6f2d3c1e-... -Group 9b1deb4d-...   # for the members of a group
.EXAMPLE
./access-policy.ps1 -ClientId 6f2d3c1e-... -Organizer ilse, bram # for these only
.EXAMPLE
./access-policy.ps1 -ClientId 6f2d3c1e-... -Global               # for everybody in the tenant
#>
[CmdletBinding(DefaultParameterSetName = "Group")]
param(
    [Parameter(Mandatory)] [guid] $ClientId,
    [string] $Policy = "Rollcall",
    # The object id of a security group, Microsoft 365 group or distribution list.
    [Parameter(Mandatory, ParameterSetName = "Group")] [guid] $Group,
    [Parameter(ParameterSetName = "Group")] [int] $Rank = 1,
    [Parameter(Mandatory, ParameterSetName = "Organizer")] [string[]] $Organizer,
    # Every meeting of the tenant becomes readable.
    [Parameter(Mandatory, ParameterSetName = "Global")] [switch] $Global
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
switch ($PSCmdlet.ParameterSetName) {
    "Group" {
        Grant-CsApplicationAccessPolicy -PolicyName $Policy -Group "$Group" -Rank $Rank
        Write-Output "granted to the members of the group $Group"
    }
    "Organizer" {
        foreach ($user in $Organizer) { Grant-CsApplicationAccessPolicy -PolicyName $Policy -Identity $user }
        Write-Output "granted to $($Organizer.Count) organizers"
    }
    "Global" {
        if (-not $Global) { throw "-Global:`$false grants nothing" }
        Grant-CsApplicationAccessPolicy -PolicyName $Policy -Global
        Write-Output "granted to everybody"
    }
}
Write-Output "It takes up to 30 minutes until Graph knows."
