-- By a SELECT: for one row, the driver's own insert takes five times as long in the embedded engine.
INSERT INTO wheel_turns (turn, batch, config, kind, events, objects, roots, started_at, finished_at, watermark)
SELECT
    {turn:UInt64}, {batch:UInt64}, {config:String}, {kind:String}, {events:UInt64}, {objects:UInt64}, {roots:UInt64},
    {started_at:DateTime64(6, 'UTC')}, {finished_at:DateTime64(6, 'UTC')}, {watermark:DateTime64(6, 'UTC')}
