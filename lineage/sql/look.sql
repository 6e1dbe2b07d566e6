-- Whether each of some detectors could find anything of its subjects, and whether any of them said anything of them before.
SELECT
    [{{any}}] AS finding,
    (SELECT count() FROM finding_rows WHERE {{said}}) AS said
