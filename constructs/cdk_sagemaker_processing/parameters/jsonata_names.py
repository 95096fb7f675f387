"""The names of JSONata's functions, which variables of the same name would hide."""

__all__ = ["JSONATA_FUNCTIONS"]

# https://docs.jsonata.org/overview, the function library, and those that Step Functions adds:
# https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
_NAMES = """
string length substring substringBefore substringAfter uppercase lowercase trim pad contains split
join match replace eval base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent
decodeUrl number abs floor ceil round power sqrt random formatNumber formatBase formatInteger
parseInteger sum max min average boolean not exists count append sort reverse shuffle distinct zip
keys lookup spread merge sift each error assert type now millis fromMillis toMillis map filter
single reduce clone partition range hash uuid parse
"""

JSONATA_FUNCTIONS = frozenset(_NAMES.split())
