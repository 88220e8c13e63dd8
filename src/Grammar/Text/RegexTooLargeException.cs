namespace XLLM.Grammar.Text;

/// <summary>A pattern (or a product of patterns) needs more states or steps than the limits allow.</summary>
internal sealed class RegexTooLargeException() : Exception("the pattern needs more states than the limits allow")
{
    /// <summary>Ends what would recurse beyond the stack.</summary>
    public static void CheckStack()
    {
        if (!System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new RegexTooLargeException();
        }
    }
}
