SELECT count() FROM otel_logs
