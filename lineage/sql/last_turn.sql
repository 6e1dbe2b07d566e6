SELECT turn, batch, config, watermark, finished_at FROM wheel_turns ORDER BY turn DESC LIMIT 1
