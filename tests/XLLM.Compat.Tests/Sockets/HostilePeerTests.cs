using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Orleans.Runtime;

namespace XLLM.Compat.Tests.Sockets;

/// <summary>What a silo does with connections that are not those of a silo of its cluster.</summary>
public sealed class HostilePeerTests : IAsyncLifetime
{
    private SocketSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await SocketSilo.StartAsync(new OneTable());

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("SILOLNK2xxxxxxxxxxxxxxxx")]
    [InlineData("SILOLNK1\u0003\u0000abc")]
    public async Task Bytes_that_are_no_greeting_end_the_connection(string text)
    {
        using var peer = await ConnectAsync();
        await peer.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

        Assert.Empty(await ReadToEndAsync(peer));
        await _silo.Log.WaitForAsync("Error", "is closed");
    }

    [Fact]
    public async Task A_greeting_longer_than_any_is_not_waited_for()
    {
        using var peer = await ConnectAsync();
        await peer.GetStream().WriteAsync((byte[])[.. "SILOLNK1"u8, 0xff, 0xff]);

        Assert.Empty(await ReadToEndAsync(peer));
        await _silo.Log.WaitForAsync("Error", "65535 bytes is longer than");
    }

    [Fact]
    public async Task A_silo_of_another_cluster_is_refused_and_both_say_why()
    {
        using var peer = await ConnectAsync();
        await peer.GetStream().WriteAsync(Greet("other", "service", "127.0.0.1:1@1", _silo.Address.ToParsableString()));

        var answer = await ReadToEndAsync(peer);
        Assert.Equal(1, answer[8]);
        Assert.Contains("of cluster 'other'", Encoding.UTF8.GetString(answer), StringComparison.Ordinal);
        await _silo.Log.WaitForAsync("Error", "127.0.0.1:1:1 is refused", "'other'", "'sockets'");
    }

    [Fact]
    public async Task A_connection_meant_for_an_earlier_generation_is_refused()
    {
        var earlier = SiloAddress.New(_silo.Address.Endpoint, _silo.Address.Generation - 1);
        using var peer = await ConnectAsync();
        await peer.GetStream().WriteAsync(Greet("sockets", "service", "127.0.0.1:1@1", earlier.ToParsableString()));

        var answer = await ReadToEndAsync(peer);
        Assert.Equal(2, answer[8]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(200 * 1024 * 1024)]
    public async Task A_frame_larger_than_the_limit_ends_the_connection_before_any_of_it_is_kept(int length)
    {
        using var peer = await GreetedAsync();
        var header = new byte[5];
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        header[4] = 1;
        await peer.GetStream().WriteAsync(header);

        Assert.Empty(await ReadToEndAsync(peer));
        await _silo.Log.WaitForAsync("Error", $"a frame of {(uint)length} bytes is larger than");
    }

    [Fact]
    public async Task An_unreadable_frame_and_an_unknown_kind_leave_the_silo_alive()
    {
        using (var peer = await GreetedAsync())
        {
            await peer.GetStream().WriteAsync((byte[])[3, 0, 0, 0, 1, 9, 9, 9]);
            await _silo.Log.WaitForAsync("Error", "A frame of 3 bytes cannot be read");
            await peer.GetStream().WriteAsync((byte[])[0, 0, 0, 0, 77]);
            Assert.Empty(await ReadToEndAsync(peer));
        }

        await _silo.Log.WaitForAsync("there is no frame kind 77");
        using var next = await GreetedAsync();
    }

    private static byte[] Greet(params string[] parts)
    {
        var body = parts.SelectMany(p => (byte[])[(byte)p.Length, 0, .. Encoding.UTF8.GetBytes(p)]).ToArray();
        return [.. "SILOLNK1"u8, (byte)body.Length, 0, .. body];
    }

    private static async Task<byte[]> ReadToEndAsync(TcpClient peer)
    {
        using var all = new MemoryStream();
        try
        {
            await peer.GetStream().CopyToAsync(all).WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (IOException)
        {
            // Closed with bytes of ours unread.
        }

        return all.ToArray();
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var peer = new TcpClient();
        await peer.ConnectAsync(_silo.Address.Endpoint);
        return peer;
    }

    private async Task<TcpClient> GreetedAsync()
    {
        var peer = await ConnectAsync();
        await peer.GetStream().WriteAsync(Greet("sockets", "service", "127.0.0.1:1@1", _silo.Address.ToParsableString()));
        var answer = new byte[11];
        await peer.GetStream().ReadExactlyAsync(answer);
        Assert.Equal(0, answer[8]);
        return peer;
    }
}
