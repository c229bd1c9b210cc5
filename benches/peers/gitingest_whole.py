"""Runs gitingest over a checkout, without its limits: gitingest_whole.py CHECKOUT DIGEST

By default it stops at 10,000 files or 500 MB and leaves out what its patterns name. Its estimate of
tokens is left out: it downloads the tokens, in every run.
"""

import re
import sys

import gitingest.ingestion
import gitingest.output_formatter
import gitingest.utils.pattern_utils

ENDLESS = 1 << 62
gitingest.ingestion.MAX_FILES = ENDLESS
gitingest.ingestion.MAX_TOTAL_SIZE_BYTES = ENDLESS
gitingest.ingestion.MAX_DIRECTORY_DEPTH = ENDLESS
gitingest.utils.pattern_utils.DEFAULT_IGNORE_PATTERNS = {".git"}
gitingest.output_formatter._format_token_count = lambda text: None

summary, _, _ = gitingest.ingest(
    sys.argv[1], max_file_size=ENDLESS, include_gitignored=True, output=sys.argv[2]
)
print(re.search(r"Files analyzed: (\d+)", summary)[1])
