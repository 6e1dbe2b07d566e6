-- Whether these objects tell of any money, or ever counted.
SELECT (SELECT count() FROM work_control_events WHERE measure != '' AND amount IS NOT NULL)
    + (SELECT count() FROM control_places WHERE object_hash IN (SELECT arrayJoin([object_hash, class_hash]) FROM work_control_members)) > 0
