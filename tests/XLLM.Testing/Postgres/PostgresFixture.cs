using Xunit;

namespace XLLM.Testing.Postgres;

/// <summary>
/// One <see cref="PostgresServer"/> for the tests of a class or collection (IClassFixture, ICollectionFixture). Where none can run
/// it does nothing, so that tests marked <see cref="PostgresFactAttribute"/> are skipped and others run.
/// </summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;

    public PostgresServer Server => _server ?? throw new InvalidOperationException(PostgresInstall.WhyAbsent);

    public async Task InitializeAsync() => _server = PostgresInstall.WhyAbsent is null ? await PostgresServer.StartAsync() : null;

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
