using Xunit;

namespace XLLM.Testing.Postgres;

/// <summary>A theory that needs PostgreSQL; skipped, with the reason, where none can run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute()
    {
        Skip = PostgresInstall.WhyAbsent;
    }
}
