using XLLM.Cli.Bench.Peers;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Tests.Bench;

public sealed class PeerReferenceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("xllm-peer-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Llama_cpp_is_the_npm_package() => Assert.Equal(new PeerReference("llama.cpp", null), PeerReference.Parse("llama.cpp"));

    [Fact]
    public void A_folder_is_called_by_the_part_of_its_path_that_says_what_was_built()
    {
        string bin = Directory.CreateDirectory(Path.Combine(_folder.FullName, "ik_llama.cpp", "build", "bin")).FullName;
        Assert.Equal(new PeerReference("ik_llama.cpp", bin), PeerReference.Parse(bin));
        Assert.Equal("ik_llama.cpp", PeerReference.Parse(Path.GetDirectoryName(bin)! + "/").Name);
        Assert.Equal(new PeerReference("mine", bin), PeerReference.Parse("mine=" + bin));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named_with_what_a_peer_can_be()
    {
        string message = Assert.Throws<PeerException>(() => PeerReference.Parse(_folder.FullName + "/no")).Message;
        Assert.Contains(_folder.FullName + "/no", message, StringComparison.Ordinal);
        Assert.Contains("llama-batched-bench", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_the_programs_says_where_was_looked()
    {
        string message = Assert.Throws<PeerException>(() => FolderPeer.Open(new PeerReference("p", _folder.FullName), "m.gguf", 1)).Message;
        Assert.Contains("llama-bench is not there", message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder.FullName, "build", "bin", "llama-bench"), message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_fails_is_reported_with_its_status_and_last_words()
    {
        PeerException error = await Assert.ThrowsAsync<PeerException>(
            () => PeerProcess.RunAsync("sh", ["-c", "echo out; echo why >&2; exit 3"], _folder.FullName, default));
        Assert.Contains("status 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("why", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        PeerException error = await Assert.ThrowsAsync<PeerException>(
            () => PeerProcess.RunAsync("xllm-no-such-program", [], _folder.FullName, default));
        Assert.Contains("xllm-no-such-program", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_kills_the_program()
    {
        using CancellationTokenSource cancel = new();
        Task<string> run = PeerProcess.RunAsync("sh", ["-c", "exec sleep 600"], _folder.FullName, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }
}
