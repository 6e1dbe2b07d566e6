SELECT turn, batch, config, kind, watermark, finished_at FROM wheel_turns ORDER BY turn DESC LIMIT 1
