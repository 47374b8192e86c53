namespace Essaim.Tests.Configuration;

/// <summary>Files: what is read, and what is said of mistakes.</summary>
public sealed class ConfigSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-config-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private const string Right = """
        revision: 3
        queues:
          scan: { class: io, priority: high, concurrency: 4, rate: 100/m, rate_key: url|host, soft_time_limit: 30s, time_limit: 1m }
          insert:
            routing_key: rows
            class: db
            fifo: true
            retry: { max_retries: 5, delay: 2s, back_off: constant }
            requires: [gpu, arch=arm64]
          celery:
        routes:
          scan.*: scan
          rows.insert: { queue: insert }
        base:
          task_time_limit: 5m
          result_expires: 3600
          worker_max_memory_per_child: 200000
          smtp_password: ${env:SMTP_PASSWORD}
          site_name: "L'atelier: nº 3"
          limits: { a: [1, 2.5, true, null, "x"] }
        environments:
          dev:
            queues: { scan: { concurrency: 1, rate: null, rate_key: null }, insert: null }
            routes: { rows.insert: celery }
            base: { result_expires: 60 }
          prod:
        """;

    [Fact]
    public void Load_Yaml_IsReadWhole()
    {
        ConfigSource source = Load(Right);

        FleetConfiguration read = source.Configuration;
        Assert.Equal(["celery", "insert", "scan"], read.Queues.Select(queue => queue.Name));
        QueueDefinition scan = read.FindQueue("scan@gpu")!;
        Assert.Equal((QueueClass.Io, QueuePriority.High, 4, "100/m", "url|host"), (scan.Class, scan.Priority, scan.Concurrency, scan.Rate, scan.RateKey));
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1)), (scan.SoftTimeLimit, scan.HardTimeLimit));
        QueueDefinition insert = read.FindQueue("insert")!;
        Assert.Equal(("rows", QueueClass.Db, true, 5, TimeSpan.FromSeconds(2), BackOff.Constant), (insert.RoutingKey, insert.Class, insert.Fifo, insert.RetryPolicy!.MaxRetries, insert.RetryPolicy.Delay, insert.RetryPolicy.BackOff));
        Assert.Equal(["gpu", "arch=arm64"], insert.Requires);
        Assert.Equal(("scan", "insert", null), (read.Routes.Find("scan.album"), read.Routes.Find("rows.insert"), read.Routes.Find("mail.send")));
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromHours(1), 200_000L * 1024), (read.Base.HardTimeLimit, read.Base.ResultExpires, read.Base.MaxMemoryPerChild));
        Assert.Equal("L'atelier: nº 3", read.GetSetting<string>("site_name"));
        Assert.Equal(3, source.Document.Revision);
    }

    [Fact]
    public void Load_Published_IsCelerysJson()
    {
        ConfigDocument document = Load(Right).Document;

        Assert.Equal("""{"name":"celery","routing_key":"celery"}""", document.Queues["celery"].ToString());
        Assert.Equal("""{"name":"scan","routing_key":"scan","class":"io","priority":"high","concurrency":4,"rate":"100/m","rate_key":"url|host","soft_time_limit":30,"time_limit":60}""", document.Queues["scan"].ToString());
        Assert.Equal("""{"queue":"insert"}""", document.Routes["rows.insert"].ToString());
        Assert.Equal(("300", "3600", "200000"), (document.Base["task_time_limit"].ToString(), document.Base["result_expires"].ToString(), document.Base["worker_max_memory_per_child"].ToString()));
        Assert.Equal("""{"a":[1,2.5,true,null,"x"]}""", document.Base["limits"].ToString());
        Assert.Equal("\"${env:SMTP_PASSWORD}\"", document.Base["smtp_password"].ToString());
    }

    [Fact]
    public void Load_WhatIsPublished_ReadsAsTheSame()
    {
        ConfigSource source = Load(Right);

        FleetConfiguration again = FleetConfiguration.Read(new ConfigSnapshot("1.000000", default, source.Document));

        Assert.Equal(source.Configuration.Queues.Select(QueueJson.Write), again.Queues.Select(QueueJson.Write));
        Assert.Equal(source.Configuration.Base, again.Base);
    }

    [Fact]
    public void Load_Environment_IsLaidOver()
    {
        FleetConfiguration dev = Load(Right, "dev").Configuration;

        Assert.Equal(["celery", "scan"], dev.Queues.Select(queue => queue.Name));
        Assert.Equal((1, null, QueueClass.Io), (dev.FindQueue("scan")!.Concurrency, dev.FindQueue("scan")!.Rate, dev.FindQueue("scan")!.Class));
        Assert.Equal("celery", dev.Routes.Find("rows.insert"));
        Assert.Equal(TimeSpan.FromMinutes(1), dev.Base.ResultExpires);
        Assert.Equal(Load(Right).Document.Hash, Load(Right, "prod").Document.Hash);
        Assert.Equal(["dev", "prod"], ConfigSource.CheckAll(Write(Right)));
    }

    [Fact]
    public void Load_Json_IsTheSameAsYaml()
    {
        ConfigSource json = ConfigSource.Load(Write(
            """{"revision": 3, "queues": {"scan": {"class": "io", "time_limit": "1m"}}, "routes": {"scan.*": "scan"}, "base": {"result_expires": 3600},}""", "c.json"), null);
        ConfigSource yaml = Load("revision: 3\nqueues: {scan: {class: io, time_limit: 60}}\nroutes: {scan.*: scan}\nbase: {result_expires: 1h}\n");

        Assert.Equal(yaml.Document.Hash, json.Document.Hash);
    }

    [Fact]
    public void Load_ManyMistakes_NamesAllWithLineAndFix()
    {
        string file = Write("""
            revision: -1
            queues:
              scan: { priority: hihg, concurency: 4, concurrency: 0 }
              scan: { class: io }
              "a@b": {}
              slow: { soft_time_limit: 2m, time_limit: 60, rate_burst: 3 }
            routes:
              scan.*: sacn
              mail.*:
            base:
              task_tiem_limit: 10
              task_serializer: pickle
              smtp_password: hunter2
              dsn: postgres://me:secret@db/x
              task_queues: []
            queus: {}
            """);

        ConfigException wrong = Assert.Throws<ConfigException>(() => ConfigSource.Load(file, null));

        Assert.Equal("ESS1301", wrong.Code);
        Assert.Equal(
            $"""
            {file} has 16 mistakes:
              {file}:1:11: revision: -1 is no whole number of at least 0. Write one of at least 0.
              {file}:3:21: queues.scan.priority: 'hihg' is no priority. Did you mean 'high'?
              {file}:3:27: queues.scan.concurency: 'concurency' is no field of a queue. Did you mean 'concurrency'?
              {file}:3:55: queues.scan.concurrency: 0 is no whole number of at least 1. Write one of at least 1.
              {file}:4:3: queues.scan: The queue 'scan' is there twice. Keep one.
              {file}:5:3: queues.a@b: The queue's name 'a@b' holds '@', which marks queues derived from another. Choose another.
              {file}:6:28: queues.slow.soft_time_limit: The soft limit 2m is not below the hard limit 1m. Make soft_time_limit shorter than time_limit.
              {file}:6:60: queues.slow.rate_burst: 'rate_burst' without a rate does nothing. Write a rate, such as rate: 100/m, or leave it out.
              {file}:8:11: routes.scan.*: There is no queue 'sacn'. Did you mean 'scan'?
              {file}:9:10: routes.mail.*: The route names no queue. Write a queue's name, such as scan.*: scan.
              {file}:11:3: base.task_tiem_limit: 'task_tiem_limit' is no base setting. Did you mean 'task_time_limit'? A setting of your own must not look like one of Celery's.
              {file}:12:20: base.task_serializer: 'pickle' is no serialiser Essaim's workers read. Write json.
              {file}:13:18: base.smtp_password: 'smtp_password' looks like a secret, and everybody who reaches the broker could read it. Write ${"{"}env:NAME{"}"} or ${"{"}file:PATH{"}"}: that is published, and resolved where it is used.
              {file}:14:8: base.dsn: It holds a URL with a password, which everybody who reaches the broker could read. Write ${"{"}env:NAME{"}"} or ${"{"}file:PATH{"}"}: that is published, and resolved where it is used.
              {file}:15:3: base.task_queues: 'task_queues' is not published. Define queues under queues:.
              {file}:16:1: queus: 'queus' is no part of a configuration. Did you mean 'queues'?
            """,
            wrong.Message);
    }

    [Theory]
    [InlineData("queues: [a", "This is not YAML: ")]
    [InlineData("queues: &a { x: *a }", "This is not YAML: Nothing is called 'a' before.")]
    [InlineData("a: 1\n---\nb: 2", "This is not YAML: The file has more than one document.")]
    [InlineData("just text", "'just text' is no configuration.")]
    [InlineData("queues: 7", "queues: 7 is no mapping.")]
    [InlineData("queues: { a: 7 }", "queues.a: 7 is no mapping.")]
    [InlineData("environments: { x: 3 }", "environments.x: It is no mapping.")]
    [InlineData("environments: { x: { environments: {} } }", "'environments' is no part of an environment.")]
    public void Load_NoConfiguration_SaysWhereAndWhat(string text, string said)
    {
        ConfigException wrong = Assert.Throws<ConfigException>(() => ConfigSource.CheckAll(Write(text)));

        Assert.Contains(said, wrong.Message, StringComparison.Ordinal);
        Assert.NotEqual(0, Assert.Single(wrong.Mistakes).Line);
    }

    [Fact]
    public void Load_UnknownEnvironment_NamesThoseThereAre()
    {
        ConfigException wrong = Assert.Throws<ConfigException>(() => Load(Right, "staging"));

        Assert.Contains("There is no environment 'staging'. There are dev, prod.", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AliasesOfAliases_AreRefusedBeforeTheyGrow()
    {
        string text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(0, 9).Select(i => $"{(char)('b' + i)}: &{(char)('b' + i)} [{string.Join(',', Enumerable.Repeat($"*{(char)('a' + i)}", 10))}]\n"));

        ConfigException wrong = Assert.Throws<ConfigException>(() => Load(text));

        Assert.Contains("more than 200000 values, aliases followed", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoFile_SaysSo()
    {
        ConfigException wrong = Assert.Throws<ConfigException>(() => ConfigSource.Load(Path.Combine(_folder, "none.yaml"), null));

        Assert.Equal(("ESS1303", true), (wrong.Code, wrong.Message.Contains("none.yaml' cannot be read", StringComparison.Ordinal)));
    }

    [Fact]
    public void Load_NotUtf8_SaysSo()
    {
        string file = Path.Combine(_folder, "latin1.yaml");
        File.WriteAllBytes(file, [.. "base: { site: caf"u8, 0xE9, .. " }"u8]);

        Assert.Contains("The file is not UTF-8. Save it as UTF-8.", Assert.Throws<ConfigException>(() => ConfigSource.Load(file, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetSetting_References_AreResolvedHereOnly()
    {
        string file = Path.Combine(_folder, "pass");
        File.WriteAllText(file, "geheim\n");
        FleetConfiguration read = Load($"base:\n  a_token: ${{file:{file}}}\n  url: smtp://me:${{env:ESSAIM_TEST_NOT_SET}}@host\n  n: 5\n").Configuration;

        Assert.Equal("geheim", read.GetSetting<string>("a_token"));
        Assert.DoesNotContain("geheim", ConfigDocumentJson.Write(read.Document).ToString(), StringComparison.Ordinal);
        Assert.Equal("ESS1306", Assert.Throws<ConfigException>(() => read.GetSetting<string>("url")).Code);
        Assert.Equal(5, read.GetSetting<int>("n"));
        Assert.Equal("ESS1307", Assert.Throws<ConfigException>(() => read.GetSetting<bool>("n")).Code);
        Assert.Null(read.GetSetting<string>("nothing"));
    }

    private string Write(string text, string name = "essaim.queues.yaml")
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return file;
    }

    private ConfigSource Load(string text, string? environment = null) => ConfigSource.Load(Write(text), environment);
}
