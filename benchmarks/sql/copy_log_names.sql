INSERT INTO main.{{table}} SELECT {{columns}} FROM log.{{table}}
