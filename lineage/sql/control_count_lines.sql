SELECT count() FROM control_lines
