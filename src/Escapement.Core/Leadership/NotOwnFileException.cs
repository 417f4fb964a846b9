namespace Escapement.Leadership;

/// <summary>Thrown if a file must not be locked and written. The message names the file and the reason.</summary>
sealed class NotOwnFileException(string path, string why)
    : IOException($"The lock file '{path}' {why}. A lock file is a regular file that is empty or begins with '{OwnFile.Mark.TrimEnd()}'. The file was not changed.");
