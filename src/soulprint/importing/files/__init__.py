"""What lies on the disk in, archives in archives too; the members that may hold something to import out."""
