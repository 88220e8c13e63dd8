namespace Orleans.Runtime;

internal static class RuntimeContext
{
    [ThreadStatic]
    private static IGrainContext? _current;

    /// <summary>The activation whose turn this thread runs, or null.</summary>
    public static IGrainContext? Current
    {
        get => _current;
        set => _current = value;
    }
}
