CREATE TABLE main.{{table}} ({{columns}})
