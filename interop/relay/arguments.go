package relay

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

var (
	errPortTaken    = errors.New("a port is in use")
	errDevPortTaken = errors.New("-dev needs port 3340, which is in use")
)

// arguments uses only flags that every derper has.
func (r *Relay) arguments() []string {
	listenHost := "127.0.0.1"
	if r.options.Wildcard {
		listenHost = ""
	}
	args := []string{"-stun=true", "-stun-port", strconv.Itoa(r.STUNPort)}
	if r.Mode == Dev {
		return append(append(args, "-dev"), r.options.ExtraArgs...)
	}
	args = append(args, "-a", net.JoinHostPort(listenHost, strconv.Itoa(r.Port)), "-c", filepath.Join(r.Dir, "derper.key"))
	if r.options.MeshKey != "" {
		args = append(args, "-mesh-psk-file", r.meshKeyFile())
	}
	switch r.Mode {
	case TLS:
		args = append(args, "-certmode", "manual", "-certdir", r.Dir, "-hostname", r.hostname(), "-http-port", strconv.Itoa(r.HTTPPort))
	case TLSIP:
		args = append(args, "-certmode", "manual", "-certdir", r.Dir, "-hostname", "127.0.0.1", "-http-port", strconv.Itoa(r.HTTPPort))
	case Issued:
		args = append(args, "-tls", "-certmode", "letsencrypt", "-certdir", r.CertDir(), "-hostname", r.hostname(), "-http-port", strconv.Itoa(r.HTTPPort))
	default:
		args = append(args, "-http-port", "-1")
	}
	return append(args, r.options.ExtraArgs...)
}

func (r *Relay) environment() []string {
	// What this process was told about the original's debug switches is not meant for the relay.
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "TS_") || strings.HasPrefix(variable, "TAILSCALE_")
	})
	if r.Mode == Dev && r.options.MeshKey != "" {
		env = append(env, "TAILSCALE_DERPER_MESH_KEY="+r.options.MeshKey)
	}
	return append(env, r.options.ExtraEnv...)
}

func (r *Relay) meshKeyFile() string {
	return filepath.Join(r.Dir, "mesh.key")
}

// writeFiles makes what the relay finds at its start. Its key file is not among it: the relay makes that itself.
func (r *Relay) writeFiles() error {
	if r.options.MeshKey != "" {
		if err := os.WriteFile(r.meshKeyFile(), []byte(r.options.MeshKey+"\n"), 0o600); err != nil {
			return err
		}
	}
	if r.Mode == TLS {
		return r.writeCertificates()
	}
	return nil
}

// choosePorts asks the system for ports that are free now, all held together so that no two are the same.
func (r *Relay) choosePorts() error {
	host := "127.0.0.1"
	if r.options.Wildcard || r.Mode == Dev {
		host = ""
	}
	derp, err := net.Listen("tcp", fmt.Sprintf("%s:%d", host, r.fixedPort()))
	if err != nil {
		return fmt.Errorf("%w: %w", errDevPortTaken, err)
	}
	defer derp.Close()
	http, err := net.Listen("tcp", host+":0")
	if err != nil {
		return err
	}
	defer http.Close()
	stun, err := net.ListenPacket("udp", host+":0")
	if err != nil {
		return err
	}
	defer stun.Close()

	r.Port = derp.Addr().(*net.TCPAddr).Port
	r.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Port))
	r.STUNPort = stun.LocalAddr().(*net.UDPAddr).Port
	r.STUNAddr = net.JoinHostPort("127.0.0.1", strconv.Itoa(r.STUNPort))
	r.HTTPPort = http.Addr().(*net.TCPAddr).Port
	switch r.Mode {
	case TLS, Issued:
		r.URL = "https://" + net.JoinHostPort(r.hostname(), strconv.Itoa(r.Port))
	case TLSIP:
		r.URL = "https://" + r.Addr
	default:
		r.HTTPPort = r.Port
		r.URL = "http://" + r.Addr
	}
	return nil
}

func (r *Relay) fixedPort() int {
	if r.Mode == Dev {
		return devPort
	}
	return 0
}
