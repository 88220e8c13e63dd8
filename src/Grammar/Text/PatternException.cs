namespace XLLM.Grammar.Text;

/// <summary>A pattern that is malformed, or uses what no automaton can keep.</summary>
internal sealed class PatternException(string message) : Exception(message);
