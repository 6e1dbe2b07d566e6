"""One file a format that can be imported; `collector.file_format` says what such a file has."""
