using System.CommandLine;
using XLLM.Cli.Hosting;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm serve</c>: the main job.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        Option<string?> model = ModelOption.Create();
        Option<string?> name = new("--name") { Description = "name of the model in the API" };
        Option<string?> host = new("--host") { Description = "address to listen on; default 127.0.0.1" };
        Option<int?> port = new("--port") { Description = "port to listen on; default 8000, 0 = a free one" };
        Option<int?> threads = new("--threads") { Description = "kernel threads; default: the cores granted to the process" };
        Option<string?> isa = new("--isa") { Description = "instruction set path: auto, scalar, avx2 or avx512" };
        Option<int?> context = new("--context") { Description = "longest sequence in tokens; default: what the model was made for" };
        Option<int?> running = new("--max-running") { Description = "most requests in a batch" };
        Option<int?> waiting = new("--max-waiting") { Description = "most requests waiting; one more is answered 429" };
        Option<int?> batch = new("--max-batch-tokens") { Description = "most tokens of a step" };
        Option<long?> kv = new("--kv-bytes") { Description = "bytes of the KV cache; default: from the memory there is" };
        Option<string?> kvType = new("--kv-type")
        {
            Description = "numbers in the KV cache: f16 (default), f32, or q8_0 for half of f16's memory",
        };
        Option<string?> speculate = new("--speculate")
        {
            Description = "speculative decoding: off, ngram, suffix or draft; changes speed, never a token",
        };
        Option<string?> draftModel = new("--draft-model")
        {
            Description = "the draft model of --speculate draft: a path or hub name as for --model", HelpName = "NAME|PATH",
        };
        Option<string?> mode = new("--kv-mode") { Description = "how KV is found: plain (block lists) or virtual (ranges of addresses)" };
        Option<string?> data = new("--data")
        {
            Description = "folder for files, batches and responses; default: one of the user's for the port, 'none' = keep nothing",
        };
        Option<string?> config = new("--config") { Description = "a configuration file, read after appsettings.json" };
        Command command = new("serve", "Serve a model over HTTP.")
        {
            model, name, host, port, threads, isa, context, running, waiting, batch, kv, kvType, mode, speculate, draftModel,
            data, config,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            (string found, string path) = await ModelOption.FindAsync(parse.GetValue(model), cancel);
            string? draft = parse.GetValue(draftModel);
            string? draftPath = draft is null ? null : (await ModelOption.FindAsync(draft, cancel)).Path;
            Settings settings = Settings.Read(
                new ServeSettings
                {
                    Model = path,
                    Name = parse.GetValue(name) ?? found,
                    Host = parse.GetValue(host),
                    Port = parse.GetValue(port),
                    Threads = parse.GetValue(threads),
                    Isa = parse.GetValue(isa),
                    ContextLength = parse.GetValue(context),
                    MaxRunning = parse.GetValue(running),
                    MaxWaiting = parse.GetValue(waiting),
                    MaxBatchTokens = parse.GetValue(batch),
                    KvCacheBytes = parse.GetValue(kv),
                    KvType = parse.GetValue(kvType),
                    Speculate = parse.GetValue(speculate) ?? (draft is null ? null : "draft"),
                    DraftModel = draftPath,
                    KvMode = parse.GetValue(mode),
                    ConfigFile = parse.GetValue(config),
                });
            settings.Gateway.DataFolder = DataPlace.Of(parse.GetValue(data), settings.Gateway.DataFolder, settings.Server.Port);
            await using ServerHost server = await ServerHost.StartAsync(settings, cancel);
            string models = string.Join(",", server.Readiness.Instances.Select(i => i.Model.Name));
            Console.WriteLine($"Ready {server.Url} model={models} runtime={RuntimeName.Current}");
            await server.WaitForShutdownAsync();
            return 0;
        }));
        return command;
    }
}
