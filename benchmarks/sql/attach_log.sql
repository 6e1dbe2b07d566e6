ATTACH :file AS log
