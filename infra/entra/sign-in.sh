#!/usr/bin/env bash
# What an administrator does once in Entra so that people may sign in with `rollcall login`: an application of its own for
# people, without a secret, a certificate or a permission of its own. Nothing of a deployed stack is touched.
#
#   bash infra/entra/sign-in.sh             makes the application and prints its ids; each person consents on signing in
#   bash infra/entra/sign-in.sh --consent   also consents to what may be asked for, for everybody in the tenant
#
# It needs the Azure CLI, signed in (az login) as somebody who may register applications, and with --consent as somebody who
# may consent for the tenant (Privileged Role Administrator).
set -euo pipefail

refuse() { echo "$1" >&2 && exit 2; }

consent=false
case ${1:-} in
  "") ;;
  --consent) consent=true ;;
  *) refuse "$1 is no option: there is --consent" ;;
esac
name="Rollcall (sign-in)"
graph=00000003-0000-0000-c000-000000000000
# Delegated; `rollcall login` asks for the first alone, unless --with says more.
scopes=(
  OnlineMeetingArtifact.Read.All # the reports of the person's meetings
  OnlineMeetings.Read            # a meeting by its short address or number (--with meetings)
  Calendars.Read                 # the meetings in the calendar (--with calendar)
  VirtualEvent.Read              # webinars and town halls by their ids (--with events)
)

step() { printf '\n== %s\n' "$1"; }

step "The application: $name"
# Anybody in the tenant may have registered one with the same name.
same_name=$(az ad app list --filter "displayName eq '$name'" --query '[].appId' --output tsv)
[ -z "$same_name" ] || refuse "There is an application called $name already, perhaps somebody else's: $(tr '\n' ' ' <<<"$same_name")
Look at it in the Entra portal. If it is yours, sign in to it: rollcall login --client-id ID"
wanted=$(for scope in "${scopes[@]}"; do
  id=$(az ad sp show --id "$graph" --query "oauth2PermissionScopes[?value=='$scope'].id | [0]" --output tsv) || exit 1
  # Not every cloud has all of them.
  [ -z "$id" ] || printf '{"id":"%s","type":"Scope"}\n' "$id"
done | paste -sd,)
[ -n "$wanted" ] || refuse "Microsoft Graph has none of these permissions here: ${scopes[*]}
Look at the cloud that the Azure CLI is signed in to: az cloud show"
client_id=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg \
  --public-client-redirect-uris http://localhost --is-fallback-public-client true \
  --required-resource-accesses "[{\"resourceAppId\":\"$graph\",\"resourceAccess\":[$wanted]}]" \
  --query appId --output tsv)
az ad sp create --id "$client_id" --output none

if $consent; then
  step "Its permissions, with admin consent"
  az ad app permission admin-consent --id "$client_id"
fi

step "Next"
tenant_id=$(az account show --query tenantId --output tsv)
cat <<END
Whoever organizes meetings runs:
  rollcall login --tenant-id $tenant_id --client-id $client_id
  rollcall pull --to ./archive --organizer me --meeting 'JOIN URL'
Where users may not consent to OnlineMeetingArtifact.Read.All, run this with --consent, or consent in the Entra portal.
END
