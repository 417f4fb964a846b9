namespace Escapement.Rules;

/// <summary>A trigger takes longer to ask than a transaction may be held. A store that meets this undoes its transaction, prepares the change anew and tries again.</summary>
public sealed class SearchTooLongException() : Exception("A trigger of the change takes longer to search than a transaction may be held.");
