using Xunit;

namespace XLLM.Testing;

/// <summary>A theory that needs files of the shared folder; skipped, with the missing path as reason, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedTheoryAttribute : TheoryAttribute
{
    public SharedTheoryAttribute(params string[] needed)
    {
        Skip = SharedData.WhyAbsent(needed);
    }
}
