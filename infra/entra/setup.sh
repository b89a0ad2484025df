#!/usr/bin/env bash
# What an administrator does once in Entra so that Rollcall may sign in and read. It can be run again at any time: what is
# there already is left as it is.
#
#   bash infra/entra/setup.sh STACK            before the first deployment: makes the application, prints its ids
#   bash infra/entra/setup.sh STACK            after it: trusts the functions' roles, so that no secret is needed
#   bash infra/entra/setup.sh STACK --client-id ID
#                                              takes the application ID, and makes none
#   bash infra/entra/setup.sh STACK --minimal  without calendars and users: only notifications and the last 30 days
#   bash infra/entra/setup.sh STACK --group    with the members of groups: needed where WATCH names one
#
# An application is taken by its client id only, the option's or that of the deployed stack: anybody in the tenant may have
# registered one with the same name. Its owners and credentials are shown first; where they, its permissions or its roles are
# not what this script makes, it stops there, until it is run with --accept-existing.
#
# It needs the Azure CLI, signed in (az login) as somebody who may consent for the tenant (Privileged Role Administrator), and
# after the deployment the AWS CLI, signed in to the stack's account. The access policy is a Teams matter: access-policy.ps1.
set -euo pipefail

refuse() { echo "$1" >&2 && exit 2; }

stack=${1:?give the name of the stack, for instance rollcall}
shift
[[ $stack =~ ^[A-Za-z][A-Za-z0-9-]*$ ]] || refuse "$stack is no name of a stack"
minimal=false group=false accepted=false given_id=
while [ $# -gt 0 ]; do
  case $1 in
    --minimal) minimal=true ;;
    --group) group=true ;;
    --accept-existing) accepted=true ;;
    --client-id)
      given_id=$(tr '[:upper:]' '[:lower:]' <<<"${2:-}")
      [[ $given_id =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]] || refuse "--client-id takes the application (client) id, a GUID"
      shift
      ;;
    *) refuse "$1 is no option: there are --client-id ID, --accept-existing, --minimal and --group" ;;
  esac
  shift
done
name="Rollcall ($stack)"
graph=00000003-0000-0000-c000-000000000000
graph_api=https://graph.microsoft.com/v1.0

# The least that is needed; what each is for.
roles=(
  OnlineMeetingArtifact.Read.All # df01ed3b-eb61-4eca-9965-6b3d789751b2: the reports
  OnlineMeetings.Read.All        # c1684f21-1984-47fa-9d61-2dc8c296bb70: a meeting by its address
  CallRecords.Read.All           # 45bbb07e-7321-4fd7-a8f6-3ff27e6a81c8: that a meeting has ended
  VirtualEvent.Read.All          # 1dccb351-c4e4-4e09-a8d1-7a9ecbf027cc: webinars and town halls
)
more_roles=(
  Calendars.Read     # 798ee544-9d2d-430c-a058-570e29e34338: meetings older than 30 days
  User.ReadBasic.All # whose calendars there are, and users by their user principal names (not needed where object ids are named)
)
group_role=GroupMember.Read.All
known_roles=("${roles[@]}" "${more_roles[@]}" "$group_role")
$minimal || roles+=("${more_roles[@]}")
! $group || roles+=("$group_role")

step() { printf '\n== %s\n' "$1"; }

# What the deployed stack says; nothing where it is not deployed.
described() {
  local value
  value=$(aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].$1" --output text 2>/dev/null) || return 0
  [ "$value" = None ] || echo "$value"
}
parameter() { described "Parameters[?ParameterKey=='$1'].ParameterValue | [0]"; }
outputs() { described "Outputs[?OutputKey=='$1'].OutputValue | [0]"; }

# The ids of Graph's permissions with these names.
role_ids() {
  local role
  for role in "$@"; do
    az ad sp show --id "$graph" --query "appRoles[?value=='$role'].id | [0]" --output tsv
  done
}

# What Graph lists at a path, as the query has each entry: all pages, of which az rest reads one.
listed() {
  local url="$graph_api/$1"
  while [[ $url == https://* ]]; do
    az rest --method get --url "$url" --query "value[].$2" --output tsv || return
    url=$(az rest --method get --url "$url" --query '"@odata.nextLink"' --output tsv) || return
  done
}

aws_issuer() { aws iam get-outbound-web-identity-federation-info --query IssuerIdentifier --output text; }
# Whom the application trusts: who another issuer says has our subject is not ours.
federated_credentials() {
  az ad app federated-credential list --id "$client_id" --query '[].[subject, issuer, to_string(audiences)]' --output tsv
}
# The line there of a subject, an issuer and an audience.
federated_credential() { printf '%s\t%s\t["%s"]\n' "$@"; }

findings=()
# Lines to show; each is something to accept, too, where there is a reason.
show() {
  local what=$1 lines=$2 reason=${3:-}
  [ -n "$lines" ] || return 0
  sed "s/^/$what: /" <<<"$lines"
  [ -z "$reason" ] || findings+=("$reason")
}

# Shows the owners of the application (app) or of its service principal (sp): either can be given credentials.
owners() {
  local what=$1 kind=$2 me lines others
  me=$(az ad signed-in-user show --query id --output tsv 2>/dev/null || true)
  lines=$(az ad "$kind" owner list --id "$client_id" --query '[].[userPrincipalName || displayName, id]' --output tsv)
  show "$what" "$lines"
  others=$(az ad "$kind" owner list --id "$client_id" --query "[?id!='$me'].id" --output tsv)
  # The stack's own application may have been made by a colleague; who takes one looks at whose it is.
  [ -z "$others" ] || [ -n "$stack_id" ] || findings+=("owners other than you, who can give it credentials at any time")
}

# Shows the secrets (password) or certificates (key) of the application (app) or of its service principal (sp).
credentials() {
  local what=$1 kind=$2 list=$3 reason=$4 lines
  lines=$(az ad "$kind" show --id "$client_id" --query "${list}Credentials[].[displayName, keyId, endDateTime]" --output tsv)
  show "$what" "$lines" "$reason"
}

# Shows whose an application is, and what could sign in as it; stops at what this script did not make.
inspect() {
  local audience credential mine trusted issuer subject ours principal given lines
  az ad app show --id "$client_id" --output none 2>/dev/null ||
    refuse "No application with the client id $client_id is registered in this tenant."
  audience=$(az ad app show --id "$client_id" --query signInAudience --output tsv)
  [ "$audience" = AzureADMyOrg ] ||
    refuse "The application $client_id is not of this tenant alone (signInAudience: $audience). Give one that is, or let this script make one."
  show "name" "$(az ad app show --id "$client_id" --query displayName --output tsv)"

  owners "owner" app
  credential=$(parameter GraphCredential)
  mine=$([ "$credential" = secret ] || echo "client secrets, which sign in as it from anywhere")
  credentials "secret" app password "$mine"
  mine=$([ "$credential" = certificate ] || echo "certificates, whose keys sign in as it from anywhere")
  credentials "certificate" app key "$mine"
  trusted=$(federated_credentials)
  show "trusts" "$trusted"
  issuer=$(aws_issuer 2>/dev/null || true)
  audience=$(outputs FederationAudience)
  ours=$(for subject in $(outputs FederationSubjects); do federated_credential "$subject" "$issuer" "$audience"; done)
  [ -z "$(grep -vxF -e "$ours" -e '' <<<"$trusted" || true)" ] ||
    findings+=("federated credentials of others than the functions of the stack $stack")

  principal=$(az ad sp show --id "$client_id" --query id --output tsv 2>/dev/null) || return 0
  owners "owner of its service principal" sp
  credentials "secret of its service principal" sp password "client secrets of its service principal, which sign in as it from anywhere"
  credentials "certificate of its service principal" sp key "certificates of its service principal, whose keys sign in as it from anywhere"
  given=$(listed "servicePrincipals/$principal/appRoleAssignments" '[appRoleId, resourceDisplayName]')
  ours=$(role_ids "${known_roles[@]}")
  show "may" "$(grep -vF -e "$ours" <<<"$given" | grep . || true)" "permissions that Rollcall does not need"
  lines=$(listed "servicePrincipals/$principal/memberOf" '[displayName, id]')
  show "role" "$lines" "directory roles or groups that it is a member of"
}

step "The application: $name"
stack_id=$(parameter GraphClientId)
client_id=${given_id:-$stack_id}
if [ -n "$given_id" ] && [ -n "$stack_id" ] && [ "$given_id" != "$stack_id" ]; then
  refuse "The stack $stack signs in as $stack_id, not as $given_id: deploy it with the other one first."
elif [ -n "$client_id" ]; then
  inspect
  if [ ${#findings[@]} -gt 0 ]; then
    printf 'It has %s.\n' "${findings[@]}" >&2
    $accepted || refuse "Nothing was changed. Where all of that is as you want it, run this again with --accept-existing."
  fi
else
  same_name=$(az ad app list --filter "displayName eq '$name'" --query '[].appId' --output tsv)
  [ -z "$same_name" ] || refuse "There is an application called $name already, perhaps somebody else's: $(tr '\n' ' ' <<<"$same_name")
Look at it in the Entra portal. If it is yours, run this again with --client-id and its id; where the stack is deployed, sign in to its AWS account."
  client_id=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)
fi
tenant_id=$(az account show --query tenantId --output tsv)
printf 'GraphTenantId=%s\nGraphClientId=%s\n' "$tenant_id" "$client_id"

step "Its service principal: what consent is given to"
az ad sp show --id "$client_id" --output none 2>/dev/null || az ad sp create --id "$client_id" --output none
principal=$(az ad sp show --id "$client_id" --query id --output tsv)
# Else encrypted notifications come without validation tokens.
az ad sp update --id "$client_id" --set appRoleAssignmentRequired=false

step "Its permissions, with admin consent"
graph_principal=$(az ad sp show --id "$graph" --query id --output tsv)
given=$(listed "servicePrincipals/$principal/appRoleAssignments" appRoleId)
for role in "${roles[@]}"; do
  id=$(role_ids "$role")
  if grep -qx "$id" <<<"$given"; then
    echo "has   $role ($id)"
  else
    az rest --method post --url "$graph_api/servicePrincipals/$principal/appRoleAssignments" \
      --headers 'Content-Type=application/json' --output none \
      --body "{\"principalId\":\"$principal\",\"resourceId\":\"$graph_principal\",\"appRoleId\":\"$id\"}"
    echo "given $role ($id)"
  fi
done

step "The functions' roles, trusted in place of a secret"
subjects=$(outputs FederationSubjects)
if [ -z "$subjects" ]; then
  echo "The stack $stack is not deployed yet: deploy it with the two ids above, then run this again."
  exit 0
fi
# Once for each account: AWS becomes an issuer that Entra can check.
aws iam enable-outbound-web-identity-federation --output json >/dev/null 2>&1 || true
issuer=$(aws_issuer)
audience=$(outputs FederationAudience)
printf 'issuer   %s\naudience %s\n' "$issuer" "$audience"
trusted=$(federated_credentials)
for subject in $subjects; do
  if grep -qxF "$(federated_credential "$subject" "$issuer" "$audience")" <<<"$trusted"; then
    echo "trusts $subject"
  else
    az ad app federated-credential create --id "$client_id" --output none --parameters \
      "{\"name\":\"${subject##*/}\",\"issuer\":\"$issuer\",\"subject\":\"$subject\",\"audiences\":[\"$audience\"]}"
    echo "trusts $subject now; Entra needs some minutes to know it everywhere"
  fi
done

step "Next"
cat <<END
A Teams administrator runs, in PowerShell, with a group of those who organize:
  ./infra/entra/access-policy.ps1 -ClientId $client_id -Group GROUP_OBJECT_ID
Then look whether everything is as it must be:  rollcall doctor --stack $stack --organizer USER_OBJECT_ID
END
