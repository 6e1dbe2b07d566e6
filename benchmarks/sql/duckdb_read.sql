ATTACH '{{path}}' AS log (TYPE sqlite)
;
COPY FROM DATABASE log TO memory
