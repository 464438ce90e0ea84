#!/usr/bin/env bash
# run.sh WORK-FOLDER BINARIES PROGRAM [ARGS]: runs a program of this machine on Debian's kernel in QEMU
# (emulated processor, no KVM), with models plugged in over usb-redir and this machine's root mounted
# read-only. Exit code 0 or 1, as the program's; 124 when it hangs; 77 when this machine cannot
# even begin: no kernel to be had, or a guest that does not come up to the program.
#   MODELS="A B"       what is plugged in, at ports 1, 2, ... (see models.h); all of them unless it says
#   DEVICE=/dev/pts/N  is the guest's /dev/ttyS1
#   COMES_UP=REGEX     by what the program is known to have begun
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$1 binaries=$2
shift 2
mkdir -p "$work"
cd "$work"

fetch_kernel() {
  local package
  package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-/ {print $2; exit}')
  apt-get download -q "$package" udev >fetch.log 2>&1 || {
    cat fetch.log >&2
    return 1
  }
  rm -rf kernel udev
  mkdir kernel udev
  dpkg-deb --fsys-tarfile "$package"_*.deb | tar x -C kernel --wildcards './boot/vmlinuz*' \
    './lib/modules/*/kernel/drivers/usb/*' './lib/modules/*/kernel/drivers/virtio/*' \
    './lib/modules/*/kernel/net/9p/*' './lib/modules/*/kernel/fs/9p/*' \
    './lib/modules/*/kernel/fs/netfs/*' './lib/modules/*/kernel/fs/fscache/*'
  dpkg-deb -x udev_*.deb udev
  rm -f ./*.deb
}

# add_module NAME: copies it after those that it depends on.
order=()
add_module() {
  local file name=${1//_/-} dependency
  [[ " ${order[*]} " == *" $name "* ]] && return
  file=$(find kernel/lib/modules \( -name "$name.ko" -o -name "${name//-/_}.ko" \) | head -n 1)
  [ -n "$file" ] || return 0 # built in
  for dependency in $(tr '\0' '\n' <"$file" | sed -n 's/^depends=//p' | tr , ' '); do
    add_module "$dependency"
  done
  [[ " ${order[*]} " == *" $name "* ]] && return
  cp "$file" "guest/modules/$name.ko"
  order+=("$name")
}

make_initramfs() {
  rm -rf guest
  mkdir -p guest/{bin,sbin,dev,proc,sys,tmp,run,mnt,modules,etc/udev/rules.d}
  cp /bin/busybox guest/bin/
  for tool in sh mount insmod mkdir cat sleep printf dd tr sed grep tail dmesg chroot poweroff; do
    ln -s busybox "guest/bin/$tool"
  done
  cp udev/bin/udevadm guest/bin/systemd-udevd
  ldd udev/bin/udevadm | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "guest$(dirname "$library")"
    cp -L "$library" "guest$library"
  done
  for module in xhci-pci virtio-pci 9pnet-virtio 9p usbtmc usbmon; do add_module $module; done
  printf '%s\n' "${order[@]}" >guest/modules/order
  cp "$here/init.sh" guest/init
  chmod +x guest/init
  (cd guest && find . | busybox cpio -o -H newc 2>/dev/null) >initramfs.new
  mv initramfs.new initramfs
}

compgen -G 'kernel/boot/vmlinuz*' >/dev/null || fetch_kernel || exit 77
[ initramfs -nt "$here/init.sh" ] && [ initramfs -nt "$here/run.sh" ] || make_initramfs

sockets=$(mktemp -d /tmp/soleus-usb.XXXXXX)
servers=() plugs=()
trap 'kill "${servers[@]}" 2>/dev/null || true; rm -rf "$sockets"' EXIT
for model in ${MODELS:-ds1000z hantek6022 fx2lafw usb204 usb1608fsplus}; do
  at=$sockets/${#servers[@]}
  "$binaries/redir_server" "$model" "$at" &
  servers+=($!)
  plugs+=(-chardev socket,id="usb${#servers[@]}",path="$at" -device usb-redir,chardev="usb${#servers[@]}")
done
for ((k = 0; k < ${#servers[@]}; ++k)); do
  for _ in $(seq 100); do
    [ -S "$sockets/$k" ] && break
    sleep 0.02
  done
done
serial=()
[ -n "${DEVICE:-}" ] && serial=(-chardev serial,id=dut,path="$DEVICE" -device isa-serial,chardev=dut)
program=$(printf '%s,' "$@")
status=0
timeout 120 qemu-system-x86_64 -machine pc,accel=tcg -cpu qemu64 -m 512 -smp 1 -nodefaults -no-reboot \
  -display none -serial stdio -device isa-debug-exit,iobase=0xf4,iosize=0x04 \
  -kernel kernel/boot/vmlinuz* -initrd initramfs \
  -append "console=ttyS0 quiet panic=-1 program=${program%,}" \
  -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap \
  -device virtio-9p-pci,fsdev=root,mount_tag=root \
  -device qemu-xhci,p2=8 "${plugs[@]}" \
  "${serial[@]}" </dev/null 2>&1 | tee console.log || status=${PIPESTATUS[0]}
grep -qE "${COMES_UP:-^\[==========\] Running}" console.log || exit 77
[ $status = 124 ] && exit 124
exit $(((status - 1) / 2)) # what the guest wrote to isa-debug-exit
