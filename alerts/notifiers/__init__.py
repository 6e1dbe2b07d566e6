"""The channels: one file each, found by `alerts.notifier.channels`."""
