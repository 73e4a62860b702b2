"""Letters by e-mail: into a folder, or to a server by SMTP."""
