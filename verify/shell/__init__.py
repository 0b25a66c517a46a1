"""What every command needs: options that say what is wrong, files written whole or not at all, where results are kept."""
