using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Peers;

/// <summary>Runs a program to its end.</summary>
internal static class PeerProcess
{
    /// <summary>Standard output, then standard error. A cancel kills it and what it started.</summary>
    /// <exception cref="PeerException">It is not there, or ended with another status than 0.</exception>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, string folder, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        using Process process = Start(start);
        process.StandardInput.Close();
        StringBuilder errors = new();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        try
        {
            string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? output + errors
                : throw new PeerException($"{Path.GetFileName(program)} ended with status {process.ExitCode}: {Shortened.Of(output + errors)}");
        }
        finally
        {
            Kill(process);
        }
    }

    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new PeerException($"{start.FileName} could not be started.");
        }
        catch (Win32Exception e)
        {
            throw new PeerException($"{start.FileName} could not be started: {e.Message}");
        }
    }

    public static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }
}
