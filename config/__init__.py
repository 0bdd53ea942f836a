"""The composition root: settings, URLs, processes. It imports the apps; nobody imports it."""
