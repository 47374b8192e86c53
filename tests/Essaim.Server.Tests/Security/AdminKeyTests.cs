namespace Essaim.Server.Tests;

public sealed class AdminKeyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("essaim-key-");

    private string KeyFile => Path.Combine(_folder.FullName, "admin.key");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Open_FirstTime_MakesAKeyOnlyItsUserCanRead()
    {
        AdminKey key = AdminKey.Open(KeyFile);

        string text = File.ReadAllText(KeyFile).Trim();
        Assert.Equal(43, text.Length);
        Assert.True(key.Matches(text));
        Assert.False(key.Matches(text + "x"));
        Assert.False(key.Matches(""));
        Assert.Equal([KeyFile], Directory.GetFiles(_folder.FullName));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
    }

    [Fact]
    public void Open_SecondTime_IsTheSameKey()
    {
        AdminKey.Open(KeyFile);
        string text = File.ReadAllText(KeyFile).Trim();

        Assert.True(AdminKey.Open(KeyFile).Matches(text));
    }

    [Fact]
    public async Task Open_ManyAtOnce_AllHaveTheSameKey()
    {
        AdminKey[] keys = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => AdminKey.Open(KeyFile), TestContext.Current.CancellationToken)));

        string text = (await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken)).Trim();
        Assert.All(keys, key => Assert.True(key.Matches(text)));
        Assert.Equal([KeyFile], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void Open_OthersMayRead_IsRefused()
    {
        if (OperatingSystem.IsWindows())
            return;
        AdminKey.Open(KeyFile);
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        ServerException error = Assert.Throws<ServerException>(() => AdminKey.Open(KeyFile));

        Assert.Equal("ESS5006", error.Code);
        Assert.Equal(
            $"The admin key file '{KeyFile}' can be read or changed by other users. Run: chmod 600 '{KeyFile}' — or delete it, if somebody may have read it: "
            + "a new key is made at the next start.",
            error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("a key with spaces in it is not what the core makes")]
    public void Open_NotAKey_IsRefused(string text)
    {
        AdminKey.Open(KeyFile);
        File.WriteAllText(KeyFile, text);

        ServerException error = Assert.Throws<ServerException>(() => AdminKey.Open(KeyFile));

        Assert.Equal("ESS5005", error.Code);
        Assert.Equal(
            $"The admin key file '{KeyFile}' does not hold a key of at least 32 printable characters. Delete it: a new key is made at the next start.", error.Message);
    }
}
