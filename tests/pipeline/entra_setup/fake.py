"""The Azure and the AWS CLI, as far as the scripts in infra/entra need them: python fake.py az|aws ARGUMENTS.

The tenant and the stack are the JSON file named by FAKE_STATE; queries are JMESPath, and text is printed as these CLIs do.
"""

import json
import os
import sys
import uuid
from pathlib import Path

import jmespath

GRAPH = "00000003-0000-0000-c000-000000000000"
PAGE = 2
# The options that make an application one that people sign in to.
PUBLIC = ("public-client-redirect-uris", "is-fallback-public-client", "required-resource-accesses")
path = Path(os.environ["FAKE_STATE"])
state = json.loads(path.read_text())
program, *arguments = sys.argv[1:]
words, options = [], {}
while arguments:
    word = arguments.pop(0)
    if word.startswith("--"):
        options[word[2:]] = arguments.pop(0) if arguments and not arguments[0].startswith("--") else ""
    else:
        words.append(word)


def missing(what):
    print(f"{what} does not exist", file=sys.stderr)
    path.write_text(json.dumps(state))
    sys.exit(3)


def one(collection, **having):
    for entry in state[collection]:
        if all(entry[name] == value for name, value in having.items()):
            return entry
    missing(f"{having} in {collection}")


def answer():
    call = " ".join([program, *words])
    if call == "aws cloudformation describe-stacks":
        stacks = {"Stacks": [stack for stack in state["stacks"] if stack["StackName"] == options["stack-name"]]}
        return stacks if stacks["Stacks"] else missing("the stack")
    if call == "aws iam enable-outbound-web-identity-federation":
        return {}
    if call == "aws iam get-outbound-web-identity-federation-info":
        return {"IssuerIdentifier": state["issuer"]}
    if call == "az account show":
        return {"tenantId": "5466a424-0000-4000-8000-0000c0205050"}
    if call == "az ad signed-in-user show":
        return {"id": "me"}
    if call == "az ad app list":
        name = options["filter"].removeprefix("displayName eq '").removesuffix("'")
        return [app for app in state["applications"] if app["displayName"] == name]
    if call == "az ad app create":
        made = {"appId": str(uuid.uuid4()), "displayName": options["display-name"]}
        made |= {"signInAudience": options["sign-in-audience"], "passwordCredentials": [], "keyCredentials": []}
        made |= {name: options[name] for name in PUBLIC if name in options}
        state["applications"].append(made | {"owners": [{"id": "me", "displayName": "Me"}], "federated": []})
        return made
    if call == "az rest":
        url, _, start = options["url"].partition("?$skiptoken=")
        principal, what = url.rsplit("/", 2)[1:]
        principal = one("principals", id=principal)
        if options["method"] == "post":
            principal[what].append(json.loads(options["body"]))
        start = int(start or 0)
        page = {"value": principal[what][start : start + PAGE]}
        if start + PAGE < len(principal[what]):
            page["@odata.nextLink"] = f"{url}?$skiptoken={start + PAGE}"
        return page
    if call == "az ad sp create":
        principal = {"id": str(uuid.uuid4()), "appId": options["id"], "appRoleAssignments": [], "memberOf": []}
        principal |= {"owners": [], "passwordCredentials": [], "keyCredentials": []}
        state["principals"].append(principal)
        return principal
    if call == "az ad sp show":
        return one("principals", appId=options["id"])
    if call == "az ad sp owner list":
        return one("principals", appId=options["id"])["owners"]
    if call == "az ad sp update":
        assert options["set"] == "appRoleAssignmentRequired=false"
        return one("principals", appId=options["id"])
    application = one("applications", appId=options["id"])
    if call == "az ad app show":
        return application
    if call == "az ad app permission admin-consent":
        application["consented"] = True
        return {}
    if call == "az ad app owner list":
        return application["owners"]
    if call == "az ad app federated-credential list":
        return application["federated"]
    if call == "az ad app federated-credential create":
        application["federated"].append(json.loads(options["parameters"]))
        return {}
    raise AssertionError(f"no such call: {call}")


def text(value):
    """As --output tsv and --output text: a line an entry, with tabs in it; of a list in such a line, tsv has the length."""
    none = "None" if program == "aws" else ""
    if not isinstance(value, list):
        value = [value]
    for entry in value:
        cells = entry if isinstance(entry, list) else [entry]
        cells = [len(cell) if isinstance(cell, list) else cell for cell in cells]
        print("\t".join(none if cell is None else str(cell) for cell in cells))


answered = answer()
path.write_text(json.dumps(state))
if options.get("output") in ("tsv", "text"):
    text(jmespath.search(options["query"], answered))
