SELECT count() FROM work_approvals
