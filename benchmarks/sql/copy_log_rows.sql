INSERT INTO main.{{table}} SELECT {{columns}} FROM temp.copies CROSS JOIN log.{{table}}
