"""AWS::SecretsManager::Secret `GenerateSecretString`.

AWS makes the secret as `GetRandomPassword` does, with the same options: the kinds of
characters to leave out, and one of each kind that is left. MiniStack heeds the length
and `ExcludeCharacters` only, so a secret without punctuation has punctuation; and its
randomness is not meant for secrets.
"""

import json

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from .engine import call

SWITCHES = ("ExcludeLowercase", "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase",
            "IncludeSpace", "RequireEachIncludedType")


def options(asked):
    """What a template says, in which numbers and switches may be text, as API parameters."""
    found = {name: str(asked[name]).lower() == "true" for name in SWITCHES if name in asked}
    if "PasswordLength" in asked:
        found["PasswordLength"] = int(asked["PasswordLength"])
    return {**found, "ExcludeCharacters": asked.get("ExcludeCharacters", "")}


def apply():
    declared = provisioners._sm_secret_string

    def generated(props):
        asked = props.get("GenerateSecretString")
        if not asked or props.get("SecretString"):
            return declared(props)
        secret = call(secretsmanager._get_random_password, options(asked))["RandomPassword"]
        if not asked.get("SecretStringTemplate"):
            return secret
        return json.dumps({**json.loads(asked["SecretStringTemplate"]), asked["GenerateStringKey"]: secret})

    provisioners._sm_secret_string = generated
