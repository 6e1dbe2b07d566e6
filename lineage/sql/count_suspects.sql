SELECT count() FROM work_suspects
