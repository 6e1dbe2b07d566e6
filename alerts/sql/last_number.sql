SELECT max(number) FROM notifications
