using Xunit;

namespace XLLM.Testing.Postgres;

/// <summary>A test that needs PostgreSQL; skipped, with the reason, where none can run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        Skip = PostgresInstall.WhyAbsent;
    }
}
