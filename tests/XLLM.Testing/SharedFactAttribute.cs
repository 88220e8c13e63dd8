using Xunit;

namespace XLLM.Testing;

/// <summary>A test that needs files of the shared folder; skipped, with the missing path as reason, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute(params string[] needed)
    {
        Skip = SharedData.WhyAbsent(needed);
    }
}
