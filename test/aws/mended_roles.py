"""What AWS knows of a call and MiniStack 1.5.33 does not tell its policies. Mended when it is imported; counts only where AUTH=true."""

import json
import re

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import stepfunctions

_pin_request_origin = app.pin_request_origin


def pin_request_origin(source, _secure):
    """Loopback counts as TLS: else, once roles are enforced, each bucket's refusal of plain HTTP refuses everything."""
    _pin_request_origin(source, True)


app.pin_request_origin = pin_request_origin

_object_context = iam_actions._s3_object_context
CONDITIONS = ("if-none-match", "x-amz-server-side-encryption-customer-algorithm")


def object_context(action, query, path, headers):
    """More condition keys of a put that AWS knows (Service Authorization Reference, Amazon S3)."""
    found = _object_context(action, query, path, headers)
    if action == "s3:PutObject":
        found.update({f"s3:{name}": headers[name] for name in CONDITIONS if headers.get(name)})
    return found


iam_actions._s3_object_context = object_context

_resolve_condition_key = iam_evaluator._resolve_condition_key


def resolve_condition_key(key, context):
    """aws:PrincipalArn of an assumed role is the role, not the session (IAM User Guide, global condition keys)."""
    value = _resolve_condition_key(key, context)
    if key.lower() != "aws:principalarn" or ":assumed-role/" not in str(value):
        return value
    account, role = value.split(":")[4], value.split("/")[1]
    return f"arn:aws:iam::{account}:role/{role}"


iam_evaluator._resolve_condition_key = resolve_condition_key

_request_tag_context = iam_actions.request_tag_context


def request_tag_context(service, action, body, parameters):
    """The condition keys of a signature that AWS KMS knows."""
    found = _request_tag_context(service, action, body, parameters)
    if action == "kms:Sign":
        asked = json.loads(body)
        signing = {"kms:SigningAlgorithm": asked.get("SigningAlgorithm"), "kms:MessageType": asked.get("MessageType", "RAW")}
        found = {**found, **signing}
    return found


iam_actions.request_tag_context = request_tag_context

_dynamodb_context = iam_actions.dynamodb_service_context


def dynamodb_context(body):
    """dynamodb:LeadingKeys of the calls that our functions make on one partition, whose key is `pk` in every table of ours."""
    asked = json.loads(body)
    keys = [asked[part]["pk"]["S"] for part in ("Key", "Item") if "pk" in asked.get(part, {})]
    by_query = re.search(r"\bpk = (:\w+)", asked.get("KeyConditionExpression", ""))
    if by_query:
        keys.append(asked["ExpressionAttributeValues"][by_query.group(1)]["S"])
    return {**_dynamodb_context(body), **({"dynamodb:LeadingKeys": keys} if keys else {})}


iam_actions.dynamodb_service_context = dynamodb_context

_iam_action = iam_actions.extract_iam_action


def iam_action(*given, **named):
    """A batch of messages is sent with the right to send one (Service Authorization Reference, Amazon SQS)."""
    action = _iam_action(*given, **named)
    return re.sub(r"^(sqs:(?:Send|Delete)Message|sqs:ChangeMessageVisibility)Batch$", r"\1", action) if action else action


iam_actions.extract_iam_action = iam_action

_resource_arn = iam_actions.extract_resource_arn


def resource_arn(service, *given, **named):
    """A token is of the machine that made it (as grantTaskResponse of the CDK has it); there is one machine here."""
    arn = _resource_arn(service, *given, **named)
    if service != "states" or arn != "*":
        return arn
    return next((one["stateMachineArn"] for one in stepfunctions._state_machines.values()), arn)


iam_actions.extract_resource_arn = resource_arn
