#!/usr/bin/env bash
# What an administrator does once in Entra so that Rollcall may sign in and read. It can be run again at any time: what is
# there already is left as it is.
#
#   bash infra/entra/setup.sh STACK            before the first deployment: makes the application, prints its ids
#   bash infra/entra/setup.sh STACK            after it: trusts the functions' roles, so that no secret is needed
#   bash infra/entra/setup.sh STACK --minimal  without calendars and users: only notifications and the last 30 days
#   bash infra/entra/setup.sh STACK --group    with the members of groups: needed where WATCH names one
#
# It needs the Azure CLI, signed in (az login) as somebody who may consent for the tenant (Privileged Role Administrator), and
# after the deployment the AWS CLI, signed in to the stack's account. The access policy is a Teams matter: access-policy.ps1.
set -euo pipefail

stack=${1:?give the name of the stack, for instance rollcall}
shift
minimal=false group=false
for option in "$@"; do
  case $option in
    --minimal) minimal=true ;;
    --group) group=true ;;
    *) echo "$option is no option: there are --minimal and --group" >&2 && exit 2 ;;
  esac
done
name="Rollcall ($stack)"
graph=00000003-0000-0000-c000-000000000000

# The least that is needed; what each is for.
roles=(
  OnlineMeetingArtifact.Read.All # df01ed3b-eb61-4eca-9965-6b3d789751b2: the reports
  OnlineMeetings.Read.All        # c1684f21-1984-47fa-9d61-2dc8c296bb70: a meeting by its address
  CallRecords.Read.All           # 45bbb07e-7321-4fd7-a8f6-3ff27e6a81c8: that a meeting has ended
  VirtualEvent.Read.All          # 1dccb351-c4e4-4e09-a8d1-7a9ecbf027cc: webinars and town halls
)
if ! $minimal; then
  roles+=(
    Calendars.Read     # 798ee544-9d2d-430c-a058-570e29e34338: meetings older than 30 days
    User.ReadBasic.All # whose calendars there are, and users by their user principal names (not needed where object ids are named)
  )
fi

step() { printf '\n== %s\n' "$1"; }

step "The application: $name"
client_id=$(az ad app list --filter "displayName eq '$name'" --query '[0].appId' --output tsv)
if [ -z "$client_id" ]; then
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
given=$(az rest --method get --url "https://graph.microsoft.com/v1.0/servicePrincipals/$principal/appRoleAssignments" --query 'value[].appRoleId' --output tsv)
for role in "${roles[@]}"; do
  id=$(az ad sp show --id "$graph" --query "appRoles[?value=='$role'].id | [0]" --output tsv)
  if grep -qx "$id" <<<"$given"; then
    echo "has   $role ($id)"
  else
    az rest --method post --url "https://graph.microsoft.com/v1.0/servicePrincipals/$principal/appRoleAssignments" \
      --headers 'Content-Type=application/json' --output none \
      --body "{\"principalId\":\"$principal\",\"resourceId\":\"$graph_principal\",\"appRoleId\":\"$id\"}"
    echo "given $role ($id)"
  fi
done

step "The functions' roles, trusted in place of a secret"
outputs() {
  aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue | [0]" --output text
}
if ! subjects=$(outputs FederationSubjects 2>/dev/null) || [ "$subjects" = None ]; then
  echo "The stack $stack is not deployed yet: deploy it with the two ids above, then run this again."
  exit 0
fi
# Once for each account: AWS becomes an issuer that Entra can check.
aws iam enable-outbound-web-identity-federation --output json >/dev/null 2>&1 || true
issuer=$(aws iam get-outbound-web-identity-federation-info --query IssuerIdentifier --output text)
audience=$(outputs FederationAudience)
printf 'issuer   %s\naudience %s\n' "$issuer" "$audience"
trusted=$(az ad app federated-credential list --id "$client_id" --query "[?issuer=='$issuer'].subject" --output tsv)
for subject in $subjects; do
  if grep -qxF "$subject" <<<"$trusted"; then
    echo "trusts $subject"
  else
    az ad app federated-credential create --id "$client_id" --output none --parameters \
      "{\"name\":\"${subject##*/}\",\"issuer\":\"$issuer\",\"subject\":\"$subject\",\"audiences\":[\"$audience\"]}"
    echo "trusts $subject now; Entra needs some minutes to know it everywhere"
  fi
done

step "Next"
cat <<END
A Teams administrator runs, in PowerShell:  ./infra/entra/access-policy.ps1 -ClientId $client_id
Then look whether everything is as it must be:  rollcall doctor --stack $stack --organizer USER_OBJECT_ID
END
