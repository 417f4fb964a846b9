namespace Escapement.Rules;

/// <summary>Thrown if a trigger search takes longer than a transaction may last. The store rolls back its transaction,
/// prepares the change again and retries.</summary>
public sealed class SearchTooLongException() : Exception("A trigger of the change takes longer to search than a transaction may be held.");
