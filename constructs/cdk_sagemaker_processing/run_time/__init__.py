"""Values known only when a workflow runs: how users write them, and what they are in a request."""

from cdk_sagemaker_processing.run_time.context_object import (
    EXECUTION_ID,
    EXECUTION_NAME,
    RETRY_COUNT,
    UUID,
    is_of_execution,
)
from cdk_sagemaker_processing.run_time.pieces import LIST_TOKEN, is_jsonata
from cdk_sagemaker_processing.run_time.reading import (
    fields,
    file_name,
    json_value,
    number,
    text,
    texts,
    whole,
)
from cdk_sagemaker_processing.run_time.stand_ins import (
    Output,
    number_standing_for,
    object_standing_for,
    output_name,
    outputs_in,
    text_standing_for,
    texts_standing_for,
    written,
)
from cdk_sagemaker_processing.run_time.variables import variables_in

__all__ = [
    "EXECUTION_ID",
    "EXECUTION_NAME",
    "LIST_TOKEN",
    "RETRY_COUNT",
    "UUID",
    "Output",
    "fields",
    "file_name",
    "is_jsonata",
    "is_of_execution",
    "json_value",
    "number",
    "number_standing_for",
    "object_standing_for",
    "output_name",
    "outputs_in",
    "text",
    "text_standing_for",
    "texts",
    "texts_standing_for",
    "variables_in",
    "whole",
    "written",
]
