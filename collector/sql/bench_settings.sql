-- The engine's optimizer merges the steps of the admission into one and then computes shared values many times over
-- (seen: 28 us a row in place of 7), and looks for chains in every pair of conditions, which took most of the planning.
-- Settings stand in the statement: set beside it, they are ten statements more on the embedded engine.
SETTINGS query_plan_enable_optimizations = 0, optimize_and_compare_chain = 0, max_insert_threads = 4
