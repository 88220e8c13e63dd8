using System.Text.Json.Nodes;
using XLLM.Gateway.Batches;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Files;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Files and batches, where Gateway:DataFolder is set.</summary>
internal static class FileRoutes
{
    private const int MostFiles = 10_000;
    private const int MostBatches = 100;
    private const long ShortestLife = 3600;
    private const long LongestLife = 2_592_000;

    private static readonly string[] OfFiles = ["NoStorage", "UnknownFile", "InvalidValue", "InUse"];
    private static readonly string[] OfBatches = ["NoStorage", "UnknownBatch", "InvalidValue", "InUse"];

    public static IEnumerable<Operation> All(GatewayOptions options) =>
    [
        new("POST", "/v1/files", "createFile", "OpenAI", "Uploads a file")
        {
            OtherBody = ("multipart/form-data", Schema.Record(
                $"A form; the file has at most {options.MaxFileBytes} bytes.",
                new("file",
                    Schema.Text("Its contents, with a file name.").With("contentMediaType", "application/octet-stream"), true),
                new("purpose", Schema.Choice("What it is for.", [.. FilePurposes.Uploadable]), true),
                new("expires_after[anchor]", Schema.Constant("created_at")),
                new("expires_after[seconds]", Schema.Integer("Until it is deleted.", ShortestLife, LongestLife)))),
            Answer = Schema.Reference("File"),
            Errors = OfFiles,
        },
        new("GET", "/v1/files", "listFiles", "OpenAI", "Files, the newest first")
        {
            Parameters = [.. Page(MostFiles), new("purpose", Schema.Text("Only those for this."))],
            Answer = ListOf("File"),
            Errors = OfFiles,
        },
        new("GET", "/v1/files/{id}", "getFile", "OpenAI", "A file's name, size and purpose")
        {
            Parameters = [Id()], Answer = Schema.Reference("File"), Errors = OfFiles,
        },
        new("GET", "/v1/files/{id}/content", "getFileContent", "OpenAI", "A file's contents")
        {
            Parameters = [Id()], OtherAnswer = ("application/octet-stream", "The bytes."), Errors = OfFiles,
        },
        new("DELETE", "/v1/files/{id}", "deleteFile", "OpenAI", "Deletes a file")
        {
            Parameters = [Id()],
            Answer = Schema.Record(
                "", new("id",
                    Schema.Text(""), true), new("object", Schema.Constant("file"), true), new("deleted", Schema.Flag(""), true)),
            Errors = OfFiles,
        },
        new("POST", "/v1/batches", "createBatch", "OpenAI", "Runs the requests of a file as offline work")
        {
            Body = Schema.Input("A batch.",
            [
                new("input_file_id",
                    Schema.Text("A file of purpose batch: a request a line.", 64).With("x-depends", "uploaded files"), true),
                new("endpoint", Schema.Choice("Where its requests go.", [.. LineRunner.Endpoints]), true),
                new("completion_window", Schema.Text("Minutes, hours or days, up to 7 days.", 64)
                    .With("pattern", "^[0-9]{1,6}[mhd]$").With("examples", new JsonArray("24h", "90m", "7d")), true),
                new("metadata",
                    Schema.Map("Kept with it.", Schema.Text("", 512), 16).With("propertyNames", new JsonObject { ["maxLength"] = 64 })),
                new("output_expires_after", Schema.Input("Until its results are deleted.",
                [
                    new("anchor", Schema.Constant("created_at"), true),
                    new("seconds", Schema.Integer("", ShortestLife, LongestLife), true),
                ])),
            ]),
            Example = new JsonObject
            {
                ["input_file_id"] = "file-abc123", ["endpoint"] = "/v1/chat/completions", ["completion_window"] = "24h",
            },
            Answer = Schema.Reference("Batch"),
            Errors = OfBatches,
        },
        new("GET", "/v1/batches", "listBatches", "OpenAI", "Batches, the newest first")
        {
            Parameters = Page(MostBatches), Answer = ListOf("Batch"), Errors = OfBatches,
        },
        new("GET", "/v1/batches/{id}", "getBatch", "OpenAI", "A batch and how far it is")
        {
            Parameters = [Id()], Answer = Schema.Reference("Batch"), Errors = OfBatches,
        },
        new("POST", "/v1/batches/{id}/cancel", "cancelBatch", "OpenAI", "Ends a batch; what is done stays")
        {
            Parameters = [Id()], Answer = Schema.Reference("Batch"), Errors = OfBatches,
        },
    ];

    public static IEnumerable<(string Name, JsonObject Schema)> Components =>
    [
        ("File", Schema.Record(
            "A file.",
            new("id", Schema.Text(""), true),
            new("object", Schema.Constant("file"), true),
            new("bytes", Schema.Integer(""), true),
            new("created_at", Schema.Integer("Unix time."), true),
            new("expires_at", Schema.Any("", Schema.Integer(""), Schema.Null()), true),
            new("filename", Schema.Text(""), true),
            new("purpose", Schema.Text(""), true),
            new("status", Schema.Constant("processed"), true))),
        ("Batch", Schema.Record(
            "A batch.",
            new("id", Schema.Text(""), true),
            new("object", Schema.Constant("batch"), true),
            new("endpoint", Schema.Text(""), true),
            new("errors", Schema.Any("What validation found.", Schema.Map(""), Schema.Null()), true),
            new("input_file_id", Schema.Text(""), true),
            new("completion_window", Schema.Text(""), true),
            new("status", Schema.Choice(
                "", "validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled"), true),
            new("output_file_id", Schema.Any("", Schema.Text(""), Schema.Null()), true),
            new("error_file_id", Schema.Any("", Schema.Text(""), Schema.Null()), true),
            new("created_at", Schema.Integer("Unix time."), true),
            new("expires_at", Schema.Integer("Unix time."), true),
            new("request_counts", Schema.Record(
                "",
                new("total",
                    Schema.Integer(""), true), new("completed", Schema.Integer(""), true), new("failed", Schema.Integer(""), true)), true),
            new("metadata", Schema.Any("", Schema.Map(""), Schema.Null()), true))),
    ];

    private static JsonObject ListOf(string component) => Schema.Record(
        "A page.",
        new("object", Schema.Constant("list"), true),
        new("data", Schema.List("", Schema.Reference(component)), true),
        new("first_id", Schema.Any("", Schema.Text(""), Schema.Null()), true),
        new("last_id", Schema.Any("", Schema.Text(""), Schema.Null()), true),
        new("has_more", Schema.Flag(""), true));

    private static Parameter[] Page(int most) =>
    [
        new("limit", Schema.Integer("Items of a page.", 1, most)),
        new("order", Schema.Choice("", "asc", "desc")),
        new("after", Schema.Text("Items after this id.")),
    ];

    private static Parameter Id() => new("id", Schema.Text("Its id."), IsPath: true);
}
