namespace GlueOrleans.Silo;

/// <summary>Why the node cannot start, in a sentence for the person who started it: the value, and the remedy.</summary>
internal sealed class StartupException(string message, Exception? innerException = null)
    : Exception(message, innerException);
