namespace Essaim.Redis.Tests;

public sealed class RedisUrlTests
{
    [Theory]
    [InlineData("redis://", "localhost:6379", 0, null, null, false)]
    [InlineData("redis://h", "h:6379", 0, null, null, false)]
    [InlineData("redis://h:7000/3", "h:7000", 3, null, null, false)]
    [InlineData("redis://:7000", "localhost:7000", 0, null, null, false)]
    [InlineData("redis://h/?db=4", "h:6379", 4, null, null, false)]
    [InlineData("redis://h?virtual_host=5", "h:6379", 5, null, null, false)]
    [InlineData("redis://:secret@h/1", "h:6379", 1, null, "secret", false)]
    [InlineData("redis://user:secret@h:1/1", "h:1", 1, "user", "secret", false)]
    [InlineData("redis://user@h", "h:6379", 0, "user", null, false)]
    [InlineData("redis://h?password=secret", "h:6379", 0, null, "secret", false)]
    [InlineData("redis://us%40er:p%3A%2F%40%3F+%C3%A9@h", "h:6379", 0, "us@er", "p:/@?+é", false)]
    [InlineData("redis://:a/b@c@h", "h:6379", 0, null, "a/b@c", false)]
    [InlineData("rediss://h:6380", "h:6380", 0, null, null, true)]
    [InlineData("redis://[::1]", "[::1]:6379", 0, null, null, false)]
    [InlineData("redis://:p@[fe80::1]:7000/2", "[fe80::1]:7000", 2, null, "p", false)]
    [InlineData("redis://[::1]?x=a@b", "[::1]:6379", 0, null, null, false)]
    [InlineData("sentinel://a;sentinel://b:2/7?master_name=m", "a:26379, b:2", 7, null, null, false)]
    [InlineData("sentinel://u:p@a:1;b?master_name=m&ssl=true", "a:1, b:26379", 0, "u", "p", true)]
    public void Parse_AddressOfServers_IsRead(string url, string hosts, int database, string? user, string? password, bool tls)
    {
        RedisUrl parsed = RedisUrl.Parse(url);

        Assert.Equal(
            (hosts, database, user, password, tls, null),
            (string.Join(", ", parsed.Hosts), parsed.Database, parsed.User, parsed.Password, parsed.Tls, parsed.SocketPath));
        Assert.Equal(url.StartsWith("sentinel", StringComparison.Ordinal) ? "m" : null, parsed.MasterName);
    }

    [Theory]
    [InlineData("unix:///run/redis.sock", "/run/redis.sock", 0, null)]
    [InlineData("redis+socket:///run/a+b%20c.sock?virtual_host=2", "/run/a+b c.sock", 2, null)]
    [InlineData("unix://:secret@/r.sock?virtual_host=/3", "/r.sock", 3, "secret")]
    public void Parse_Socket_IsRead(string url, string path, int database, string? password)
    {
        RedisUrl parsed = RedisUrl.Parse(url);

        Assert.Equal((path, database, password), (parsed.SocketPath, parsed.Database, parsed.Password));
        Assert.Empty(parsed.Hosts);
    }

    [Fact]
    public void Parse_Query_IsInOptions()
    {
        RedisUrl parsed = RedisUrl.Parse("rediss://h?ssl_ca_certs=%2Fa%20b&empty=&plus=a+b&socket_timeout=1.5&socket_connect_timeout=0");

        Assert.Equal(["empty=", "plus=a b", "socket_connect_timeout=0", "socket_timeout=1.5", "ssl_ca_certs=/a b"], parsed.Options.Select(pair => $"{pair.Key}={pair.Value}").Order());
        Assert.Equal((TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(5)), (parsed.CommandTimeout, parsed.ConnectTimeout));
        Assert.Equal(TimeSpan.FromSeconds(30), RedisUrl.Parse("redis://h").CommandTimeout);
    }

    [Theory]
    [InlineData("http://h", "The broker URL http://h cannot be used: the scheme http is not Redis'. Use redis://, rediss://, unix:// or sentinel://.")]
    [InlineData("redis", "The broker URL redis cannot be used: it has no ://. Write redis://HOST:6379/0.")]
    [InlineData("redis:h", "The broker URL redis:h cannot be used: it has no ://. Write redis://HOST:6379/0.")]
    [InlineData("redis://h:x", "The broker URL redis://h:x cannot be used: x is no port. Give a number from 1 to 65535.")]
    [InlineData("redis://h:0", "The broker URL redis://h:0 cannot be used: 0 is no port. Give a number from 1 to 65535.")]
    [InlineData("redis://h:65536", "The broker URL redis://h:65536 cannot be used: 65536 is no port. Give a number from 1 to 65535.")]
    [InlineData("redis://[::1]:-1", "The broker URL redis://[::1]:-1 cannot be used: -1 is no port. Give a number from 1 to 65535.")]
    [InlineData("redis://:geheim@h/x", "The broker URL redis://:***@h/x cannot be used: x is no database number. End the URL with /0, /1….")]
    [InlineData("redis://h/-1", "The broker URL redis://h/-1 cannot be used: -1 is no database number. End the URL with /0, /1….")]
    [InlineData("redis://:ge?heim@h", "The broker URL redis://*** cannot be used: there is a ? in its user or password. Write it as %3F.")]
    [InlineData("unix://run/redis.sock", "The broker URL unix://run/redis.sock cannot be used: it names no path. Write unix:///path/to/redis.sock?virtual_host=0.")]
    [InlineData("sentinel://h", "The broker URL sentinel://h cannot be used: it does not say which master the sentinels watch. Add ?master_name=NAME.")]
    public void Parse_Bad_IsRefusedWithoutSecrets(string url, string text)
    {
        BackendException refused = Assert.Throws<BackendException>(() => RedisUrl.Parse(url));

        Assert.Equal(("ESS2101", text), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData("redis://user:secret@h:1/2", "redis://user:***@h:1/2")]
    [InlineData("redis://:se:cr@et@h", "redis://:***@h")]
    [InlineData("sentinel://:secret@a;sentinel://u:secret@b?master_name=m&sentinel_password=secret&x=1", "sentinel://:***@a;sentinel://u:***@b?master_name=m&sentinel_password=***&x=1")]
    [InlineData("unix://:secret@/r.sock?password=secret", "unix://:***@/r.sock?password=***")]
    [InlineData("redis://h", "redis://h")]
    public void Display_Passwords_AreHidden(string url, string display) => Assert.Equal(display, RedisUrl.Parse(url).Display);
}
